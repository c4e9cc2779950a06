from lib.cli.app import app

app(prog_name="casesheet")
