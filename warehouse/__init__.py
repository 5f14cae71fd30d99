"""What is stored, how it gets in, how it is read."""

import os

# The allocator of polars leaves pages that it has freed to the kernel only in need, and until then they count as used.
# It is asked to give them back, before polars is imported: a load keeps within its memory, and so do many readers.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true")
