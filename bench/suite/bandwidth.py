"""How many bytes of memory the cores can read in a second, all together.

python -m suite.bandwidth THREADS
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

# Far more than any cache holds.
BYTES = 512 << 20


def main():
    threads = int(sys.argv[1])
    parts = np.array_split(np.ones(BYTES // 8), threads)
    with ThreadPoolExecutor(threads) as pool:
        print(BYTES / min(seconds(pool, parts) for _ in range(9)))


def seconds(pool, parts):
    start = time.perf_counter()
    list(pool.map(np.sum, parts))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
