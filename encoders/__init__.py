"""Models behind small protocols, and what prepares their input. No database, no web server.

- `text`, `image`, `hub`: encoders of texts, pictures and both; `registry` builds them by name.
- `ocr`, `labels`: text in pictures, and the part numbers in that text.
- `captioning`, `guide`: generated captions of pictures and guides to defects; `chat`: the client of
  servers with OpenAI's protocol.
- `rerank`, `anomaly`: scores of passages for a query, and of pictures against normal ones.
- `training`: fine-tuning of text encoders.
- `pictures`: decoding and fetching of picture files.
- `runtime`: devices, memory, batches, model cache, ONNX.
- `settings`: settings as data; the rooms above read them from the environment.

Importing a module stays light: model libraries load when a model is built.
"""
