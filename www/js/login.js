// The log-in page.

import { Form } from "./form.js"
import { hook, setText } from "./dom.js"
import { fillTexts, hasText, text } from "./text.js"
import { Api } from "./tidings.js"

fillTexts(document)

// Where somebody was when the session ended, and why it did:
// /login#reason=expired&next=/c/7
const fragment = new URLSearchParams(location.hash.slice(1))
const reason = `login.ended.${fragment.get("reason")}`
const next = /^\/c\/\d+$/.test(fragment.get("next") ?? "") ? fragment.get("next") : "/"

const note = hook(document, "reason")
note.hidden = !hasText(reason)
if (hasText(reason)) setText(note, text(reason))

const api = new Api()
new Form(hook(document, "form"), async ({ username, password }) => {
  await api.logIn(username.trim(), password)
  location.replace(next)
})
