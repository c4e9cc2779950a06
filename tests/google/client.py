"""gspread's own client, turned to the loopback server."""

import json
from pathlib import Path
from typing import Any

import gspread
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gspread.http_client import HTTPClient

_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class LoopbackHTTPClient(HTTPClient):
    """Sends what is meant for Google's hosts to `url`."""

    url: str = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        for host in _HOSTS:
            endpoint = endpoint.replace(host, self.url, 1)
        return super().request(method, endpoint, *args, **kwargs)


def loopback_client(url: str, token: str = "app", *, timeout: float = 30) -> gspread.Client:
    """A gspread client that calls the server at `url` as the caller whom the token stands for."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    client = gspread.Client(auth=None, session=session, http_client=LoopbackHTTPClient)
    client.http_client.url = url
    client.set_timeout(timeout)
    return client


def key_file(folder: Path, url: str, email: str) -> Path:
    """The key (JSON) of a service account that the server at `url` gives tokens to."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    written = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = {"type": "service_account", "client_email": email, "token_uri": f"{url}/token", "private_key": written}
    path = folder / "key.json"
    path.write_text(json.dumps(key), encoding="utf-8")
    return path
