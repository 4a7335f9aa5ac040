"""Finding what is there: candidates, judgements, sweeps."""
