"""The catalogue: TOML files to frozen definitions, indexed, with every mistake named."""
