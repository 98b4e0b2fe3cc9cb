#error "no Asio here: this layer is pure (see src/barriers/README.md)"
