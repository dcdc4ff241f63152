"""The stages of the pipeline (OCR, captions, vectors, indexes), run until drained or for ever."""
