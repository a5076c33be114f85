// The page for an address at which there is nothing.

import { fillTexts } from "./text.js"

fillTexts(document)
