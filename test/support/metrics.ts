/** Reads, with the token of `/metrics`, the value of a metric of ours where the labels contain a text; 0 where it was never counted. */
export const metricOf =
  (token: string) =>
  async (url: string, name: string, label: string): Promise<number> => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    const line = (await answer.text())
      .split('\n')
      .find(text => text.startsWith(`media_gateway_${name}`) && text.includes(label))
    return Number(line?.split(' ').at(-1) ?? 0)
  }
