"""Changes exposure before detection; never what is stored or shown."""
