const LONGEST_MS = 2 ** 31 - 1;

/**
 * Keeps this process running although nothing is open: the timers of the clock do not, and between two tries to connect
 * there is no socket. Returns the function that ends it.
 */
export function keepProcessAlive(): () => void {
  const timer = setInterval(() => {}, LONGEST_MS);
  return () => clearInterval(timer);
}
