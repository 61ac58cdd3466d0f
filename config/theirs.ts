/** A variable that an SDK reads for itself, beside the settings. */
export interface Theirs {
  readonly name: string
  readonly about: string
  readonly secret?: true
}

/** What the SDKs of AWS and Temporal are told by environment only. */
export const THEIRS: readonly Theirs[] = [
  { name: 'AWS_PROFILE', about: 'a profile of ~/.aws, instead of a key' },
  { name: 'AWS_ROLE_ARN', about: 'a role to take' },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', about: 'a token for that role' },
  { name: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', about: 'set by AWS in its containers' },
  { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', about: 'likewise' },
  { name: 'TEMPORAL_CONFIG_FILE', about: "profiles of Temporal's own command (temporal.toml)" },
  { name: 'TEMPORAL_PROFILE', about: 'which of them' },
  { name: 'TEMPORAL_TLS', about: 'true or false' },
  { name: 'TEMPORAL_TLS_CLIENT_CERT_PATH', about: 'certificate for mTLS' },
  { name: 'TEMPORAL_TLS_CLIENT_CERT_DATA', about: 'the same, as text' },
  { name: 'TEMPORAL_TLS_CLIENT_KEY_PATH', about: 'its key' },
  { name: 'TEMPORAL_TLS_CLIENT_KEY_DATA', about: 'the same, as text', secret: true },
  { name: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', about: "who signed the server's certificate" },
  { name: 'TEMPORAL_TLS_SERVER_CA_CERT_DATA', about: 'the same, as text' },
  { name: 'TEMPORAL_TLS_SERVER_NAME', about: 'name that the certificate is for' },
  { name: 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', about: 'true takes any certificate' },
]
