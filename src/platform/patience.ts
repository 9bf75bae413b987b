/**
 * What the work gives, if that is soon; the work goes on by itself otherwise, and nobody hears of it.
 * @param late is what is thrown after so many milliseconds
 */
export async function within<Result>(
  milliseconds: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  const over = new AbortController()
  const wait = scheduler.wait(milliseconds, { signal: over.signal }).then(() => {
    throw late()
  })
  return Promise.race([work, wait]).finally(() => {
    over.abort()
  })
}
