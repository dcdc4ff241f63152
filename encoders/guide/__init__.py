"""What to do about a defect, said from sections of manuals, each statement with where it stands."""
