#error "no Boost.JSON here: only src/oauth and src/emulator know it (see src/barriers/README.md)"
