#error "no Beast here: only src/net and src/emulator know it (see src/barriers/README.md)"
