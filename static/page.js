// Makes the pages pleasant; they are complete without it.

import { followKeys } from "./keys.js";
import { keepFresh } from "./live.js";
import { suggest } from "./search.js";
import { followSwipes } from "./swipe.js";

followKeys();
followSwipes();
keepFresh();
suggest();
