"""How a worker is woken: kinds of jobs, the broker, and publishing an id. What a job is stands in `jobs`."""
