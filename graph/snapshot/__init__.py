"""The supply graph of a whole region in memory: columns of numbers, codes and pooled text."""
