/// The two domains of the demo: the same kind of landscape in summer and in winter.
package enum Season: String, Sendable, CaseIterable {
  case summer, winter
}
