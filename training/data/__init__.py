"""Reading, splitting and checking data sets. Nothing in here imports a training backend."""
