import Datasets
import Foundation
import Torch

/// What the numbers that images are made of are drawn from.
package enum LatentDistribution: String, Codable, Sendable, CaseIterable {
  /// N(0, 1)
  case normal
  /// Uniform on [-1, 1), as in the DCGAN paper.
  case uniform

  /// Independent latents `[count, size]`, float32 on the CPU.
  func draw(count: Int, size: Int, seed: UInt64) -> Tensor {
    switch self {
    case .normal: return .normal(shape: [count, size], seed: seed)
    case .uniform: return .uniform(shape: [count, size], seed: seed) * 2 - 1
    }
  }

  /// The latent of a numbered sample, which depends on the seed and its number alone.
  func sample(_ number: Int, size: Int, seed: UInt64) -> [Float] {
    // Far from the streams of training, which have names of their own.
    var stream = SampleStream.latent.numbers(of: number, seed: seed)
    return draw(count: 1, size: size, seed: stream.next()).elements
  }
}

/// The point at `fraction` of the way from `a` to `b` along the great circle through both; their lengths go
/// over into each other. Points in one or in opposite directions have none, and a straight line instead.
///
/// sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b with the angle w between them. Source: Shoemake,
/// "Animating rotation with quaternion curves" (SIGGRAPH 1985); arXiv 1609.04468, section 2.1.
func sphericalInterpolation(_ a: [Float], _ b: [Float], at fraction: Double) -> [Float] {
  func dot(_ x: [Float], _ y: [Float]) -> Double {
    zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  let lengths = (dot(a, a) * dot(b, b)).squareRoot()
  let angle = lengths > 0 ? acos(min(max(dot(a, b) / lengths, -1), 1)) : 0
  let sine = sin(angle)
  let (weightA, weightB) =
    sine > 1e-6
    ? (sin((1 - fraction) * angle) / sine, sin(fraction * angle) / sine)
    : (1 - fraction, fraction)
  return zip(a, b).map { Float(weightA * Double($0) + weightB * Double($1)) }
}
