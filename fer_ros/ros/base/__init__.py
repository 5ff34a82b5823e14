"""Parts of every node: lifecycle, parameters, diagnostics, subscriptions and process."""
