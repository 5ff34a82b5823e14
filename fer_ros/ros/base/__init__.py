"""What every node shares: its life, parameters, diagnostics, subscriptions and process."""
