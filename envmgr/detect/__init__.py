"""Finding what is there: places give candidates, candidates are judged, a sweep does it for many."""
