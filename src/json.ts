/** What can be kept in a JSON column. */
export type Json = string | number | boolean | JsonObject | JsonArray
export type JsonObject = { readonly [key: string]: Json | null }
export type JsonArray = readonly (Json | null)[]
