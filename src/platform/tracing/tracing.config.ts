import { type ConfigTable, integer, oneOf, onOff, type Parsed, text } from '../config.ts'

export const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const
export type SamplerName = (typeof SAMPLERS)[number]

function endpoint(input: string): Parsed<string> {
  const url = URL.parse(input)
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
    ? { value: input.replace(/\/+$/, '') }
    : { allowed: 'an http or https URL such as http://collector:4318' }
}

/** What might be a secret in a URL, where it has no place. */
const conceal = (url: string): string =>
  url.replace(/\/\/[^/@]*@/, '//(hidden)@').replace(/[?#].*/, '?(hidden)')

/** `name=value` parted by commas, names and values percent-encoded where they need it (W3C Baggage, as OpenTelemetry uses it). */
function pairs(input: string): Parsed<Readonly<Record<string, string>>> {
  const found = input.split(',').map(part => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part))
  try {
    const entries = found.map(match => [match?.[1] ?? '', decodeURIComponent(match?.[2] ?? '')] as const)
    if (entries.every(([name]) => name !== '')) return { value: Object.fromEntries(entries) }
  } catch {
    // A percent sign that encodes nothing.
  }
  return { allowed: 'name=value, parted by commas' }
}

function ratio(input: string): Parsed<number> {
  const value = Number(input)
  return value >= 0 && value <= 1 ? { value } : { allowed: 'a number from 0 to 1' }
}

/** The standard variables of OpenTelemetry, as far as they mean something here. */
export const tracingConfig = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    default: undefined as string | undefined,
    defaultText: 'off',
    about:
      'Where traces are sent, by OTLP over HTTP: `/v1/traces` below this URL. Without it nothing is traced.',
    conceal,
    parse: endpoint,
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    default: undefined as string | undefined,
    defaultText: 'none',
    about: 'The whole URL for traces, instead of the one before.',
    conceal,
    parse: endpoint,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    default: {} as Readonly<Record<string, string>>,
    defaultText: 'none',
    about: 'Header fields for the collector, such as its token: `name=value`, parted by commas.',
    secret: true,
    parse: pairs,
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    default: 'http/json' as const,
    about: 'OTLP in JSON is the one protocol there is; collectors take it at their HTTP port.',
    parse: oneOf('http/json'),
  },
  OTEL_SERVICE_NAME: {
    default: undefined as string | undefined,
    defaultText: '`media-gateway`',
    about: 'Who traces say they are of; before `service.name` among the OTEL_RESOURCE_ATTRIBUTES.',
    parse: text(/^[\w.:/-]{1,100}$/, 'at most 100 letters, digits and _ . : / -'),
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    default: {} as Readonly<Record<string, string>>,
    defaultText: 'none',
    about: 'What else is told of this process: `name=value`, parted by commas.',
    parse: pairs,
  },
  OTEL_TRACES_SAMPLER: {
    default: 'parentbased_always_on' as SamplerName,
    about: `Which traces are kept: one of ${SAMPLERS.join(', ')}. The \`parentbased\` ones leave it to who sends a \`traceparent\`: any client can then have its requests traced.`,
    parse: oneOf(...SAMPLERS),
  },
  OTEL_TRACES_SAMPLER_ARG: {
    default: 1,
    about: 'The part of traces that a ratio sampler keeps, from 0 to 1.',
    parse: ratio,
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    default: 5_000,
    about: 'Milliseconds that spans are collected before they are sent.',
    parse: integer(10, 60_000),
  },
  OTEL_SDK_DISABLED: {
    default: false,
    defaultText: '`false`',
    about: 'Traces nothing, whatever else is set.',
    parse: onOff,
  },
} satisfies ConfigTable
