// Makes the pages pleasant; they are complete without it.

import { followKeys } from "./keys.js";
import { keepFresh } from "./live.js";

followKeys();
keepFresh();
