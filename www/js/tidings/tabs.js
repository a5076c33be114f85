// The tabs of one site: one of them leads and keeps the connection, the
// others hear from it.
//
// Who leads is whoever holds a Web Lock, which the browser takes away from a
// tab that ends or crashes and gives to the next.  What is told goes over a
// BroadcastChannel, in order.  Where a browser has not both, every tab leads,
// and tells nobody.  Two that lead are one connection too many, and do no
// other harm, since whoever hears drops repeats.

export class Tabs {
  #name
  #channel = null
  #locks
  #leading = false
  #release = () => {}
  #closed = false

  // heard(message): what another tab told.
  constructor({ name, heard, BroadcastChannel, locks }) {
    this.#name = name
    this.#locks = BroadcastChannel ? locks : undefined
    if (!this.#locks) return
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = ({ data }) => heard(data)
  }

  get leading() {
    return this.#leading
  }

  tell(message) {
    if (!this.#closed) this.#channel?.postMessage(message)
  }

  // Call lead() once no other tab of the same user leads.
  stand(user_id, lead) {
    if (!this.#locks) {
      this.takeOver(lead)
      return
    }
    this.#locks.request(`${this.#name}/${user_id}`, () => {
      this.takeOver(lead)
      return this.#closed ? undefined : new Promise((resolve) => { this.#release = resolve })
    }).catch(() => this.takeOver(lead))
  }

  // Lead whether or not another tab does: it no longer answers.
  takeOver(lead) {
    if (this.#leading || this.#closed) return
    this.#leading = true
    lead()
  }

  close() {
    this.#closed = true
    this.#release()
    this.#channel?.close()
  }
}
