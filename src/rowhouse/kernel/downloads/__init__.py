"""Short-lived links to stored objects, each good for one account alone."""
