"""Ground truths: similarity of words, pools of all systems, a model as judge, people as its check."""
