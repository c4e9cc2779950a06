"""The whole app in one process, pages, HTTP routes and jobs: `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from lib.api.connections import Connections
from lib.api.headers import Headers
from lib.api.routes import routes
from lib.api.uploads import Uploads
from lib.jobs.lifespan import lifespan
from lib.ui.frame.failures import show_failure
from lib.ui.session.browser_scripts import SCRIPTS, scripts_of_streamlit
from lib.ui.widgets.uploads import stored

app = st.App(
    Path(__file__).parent / "lib" / "ui" / "shell.py",
    routes=routes(st.get_option("server.baseUrlPath") or ""),
    lifespan=lifespan,
    middleware=[
        Middleware(Headers, scripts=(*SCRIPTS, *scripts_of_streamlit())),
        Middleware(Connections),
        Middleware(Uploads, stored=stored),
    ],
    on_script_error=show_failure,
)
