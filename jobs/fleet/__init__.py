"""Workers on many machines: placed by Ray, restarted, and as many as the queues need."""
