"""The ports in memory, with the semantics of AWS: the contract tests hold them and the adapters to the same suite."""
