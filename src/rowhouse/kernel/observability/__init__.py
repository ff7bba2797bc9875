"""What is told of the running platform: logs, metrics, traces, errors; none of it holds a secret or a name."""
