/** The version of this software, as `/health` and `--version` tell it. */
export const VERSION = "0.1.0";
