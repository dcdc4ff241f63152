"""The Model Context Protocol: the HTTP API as tools, resources and prompts of agents."""
