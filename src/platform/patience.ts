/**
 * What the work gives, if that is soon; the work goes on by itself otherwise, and nobody hears of it.
 * @param late is what is thrown after so many milliseconds
 */
export async function within<Result>(
  milliseconds: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  // Not `scheduler.wait`: scripts open databases too, and Node has no such global.
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late())
    }, milliseconds)
  })
  return Promise.race([work, wait]).finally(() => {
    clearTimeout(timer)
  })
}
