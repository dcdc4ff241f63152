"""From lines of writing to reading order, label and value, part and serial numbers. No models here."""
