// The page on which one makes an account, and is then logged in.
//
// An invitation comes in the fragment, which no server log gets to see:
// /register#invitation=TOKEN

import { Form } from "./form.js"
import { hook } from "./dom.js"
import { fillTexts } from "./text.js"
import { Api } from "./tidings.js"

fillTexts(document)

const invitation = new URLSearchParams(location.hash.slice(1)).get("invitation")
hook(document, "invited").hidden = !invitation

const api = new Api()
new Form(hook(document, "form"), async ({ name, username, password }) => {
  const fields = { name: name.trim(), username: username.trim(), password }
  const user = await api.register(invitation ? { ...fields, invitation } : fields)
  await api.logIn(user.username, password)
  location.replace("/")
})
