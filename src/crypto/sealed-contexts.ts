/** What is authenticated with values that stay encrypted for as long as their rows live: the feature that writes them and the cleanup that moves them agree. */
export const factorContext = (id: string) => `mfa-factor:${id}`
export const identityContext = (id: string) => `identity:${id}`
