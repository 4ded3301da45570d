// Votes on their way: each is written down on this device first, and forgotten only when the server says it has it.
// A vote keeps the id it was made with, so that sending it again, also from another tab, counts once.

const AT_ONCE = 50
const SOON = 1000
const SELDOM = 15000

export class Outbox {
  // rating: the one the votes belong to; address: where they go; changed(status, left): what to tell the rater.
  constructor(rating, address, changed) {
    this.prefix = `tunesmith/${rating}/${address}/`
    this.address = address
    this.changed = changed
    this.memory = new Map()
    this.refused = new Set()
    this.wait = SOON
    this.timer = 0
    this.isSending = false
    this.number = 0
    addEventListener("online", () => this.send())
    document.addEventListener("visibilitychange", () => document.hidden || this.send())
    addEventListener("beforeunload", (event) => {
      // Where this device keeps nothing, leaving would lose them.
      if (this.memory.size) event.preventDefault()
    })
  }

  add(vote) {
    const made = String(Date.now()).padStart(15, "0") + String(this.number++).padStart(6, "0")
    const key = `${this.prefix}${made}-${vote.id}`
    try {
      localStorage.setItem(key, JSON.stringify(vote))
    } catch {
      this.memory.set(key, vote)
    }
    this.send()
  }

  // Those not sent yet, the oldest first.
  waiting() {
    const found = [...this.memory]
    try {
      for (let at = 0; at < localStorage.length; at++) {
        const key = localStorage.key(at)
        if (key.startsWith(this.prefix)) found.push([key, JSON.parse(localStorage.getItem(key))])
      }
    } catch {
      // Storage is forbidden here: memory is all there is.
    }
    return found.filter(([, vote]) => vote).sort(([one], [other]) => (one < other ? -1 : 1))
  }

  async send() {
    if (this.isSending) return
    this.isSending = true
    clearTimeout(this.timer)
    try {
      let status = "kept"
      for (;;) {
        const ready = this.waiting().filter(([key]) => !this.refused.has(key)).slice(0, AT_ONCE)
        if (!ready.length) break
        this.changed("waiting", this.waiting().length)
        status = await this.sent(ready)
        if (status !== "kept") break
        this.wait = SOON
      }
      if (status === "kept" && this.refused.size) status = "refused"
      this.changed(status, this.waiting().length)
      if (status === "offline" || status === "closed") {
        this.timer = setTimeout(() => this.send(), this.wait)
        this.wait = Math.min(2 * this.wait, SELDOM)
      }
    } finally {
      this.isSending = false
    }
  }

  async sent(ready) {
    let answer
    let saved = new Set()
    try {
      answer = await fetch(this.address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ votes: ready.map(([, vote]) => vote) }),
        signal: AbortSignal.timeout(20000),
      })
      if (answer.ok) saved = new Set((await answer.json()).saved)
    } catch {
      // Also where the answer broke off: it is asked again, under the same ids.
      return "offline"
    }
    if (answer.ok) {
      for (const [key, vote] of ready) if (saved.has(vote.id)) this.forget(key)
      return saved.size ? "kept" : "offline"
    }
    if (answer.status === 403) return "closed"
    if (answer.status === 429 || answer.status >= 500) return "offline"
    // One of them cannot be used: each goes alone, so that it holds up no other.
    if (ready.length === 1) this.refused.add(ready[0][0])
    else for (const one of ready) await this.sent([one])
    return "kept"
  }

  forget(key) {
    this.memory.delete(key)
    try {
      localStorage.removeItem(key)
    } catch {
      // As above.
    }
  }
}
