from lib.cli.app import main

main()
