"""The edges: clocks, chance, storage, ciphers; real and fake side by side."""
