"""How batch size and learning rate decide what SGD finds: the core, without the app."""
