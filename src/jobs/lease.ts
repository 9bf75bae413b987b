/** Times of leases, by which one consumer at a time works on what is recorded. */

/** How long a consumer counts as alive after it took or prolonged a lease; longer than any other service may take to answer. */
export const LEASE_MILLISECONDS = 20 * 1000

/** A message that arrives this little before the next try is due counts as in time. */
export const SLACK_MILLISECONDS = 1000
