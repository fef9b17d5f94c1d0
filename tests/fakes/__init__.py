"""Stand-ins that tests script: a model's server that misbehaves, and a llama-index LLM with answers in a queue."""
