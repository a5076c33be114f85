// Waiting for what is to happen, instead of sleeping and hoping.

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// The first value of check() that is neither false, null nor undefined; an
// error from it counts as "not yet".  Rejects, with the last error, when
// nothing came within so many milliseconds.
export async function until(check, what = "the condition", within = 10_000) {
  const deadline = Date.now() + within
  let last
  for (;;) {
    try {
      const value = await check()
      if (value !== false && value !== null && value !== undefined) return value
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline)
      throw new Error(`${what} did not come within ${within} ms`, { cause: last })
    await pause(10)
  }
}
