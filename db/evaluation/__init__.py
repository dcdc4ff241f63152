"""Query sets, judgments, evaluation runs and tuning."""
