"""Finding what is there: places give candidates, and a sweep judges them."""
