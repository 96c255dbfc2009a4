import CKernels

extension LanguageModel {
  /// Bytes of weights that one task reads: large against a task's overhead, small against a layer.
  private static let tileBytes = 128 << 10

  /// Output features per task for matrices of a number of input features.
  private static func tileRows(_ matrix: Matrix) -> Int {
    max(16, tileBytes / max(matrix.byteCount / max(matrix.rows, 1), 1) / 16 * 16)
  }

  /// Several projections of the same rows as one parallel region. A raised flag leaves them half-written.
  func stepProject(
    _ projections: [Projection], from input: Activations, rows: Int, cancellation: Cancellation? = nil
  ) {
    var firstTask: [Int] = [0]
    for projection in projections {
      let tile = Self.tileRows(projection.matrix)
      firstTask.append((firstTask.last ?? 0) + (projection.matrix.rows + tile - 1) / tile)
    }
    WorkerPool.shared.run(firstTask[projections.count]) { task in
      if cancellation?.isCancelled == true { return }
      var index = 0
      while task >= firstTask[index + 1] { index += 1 }
      let projection = projections[index]
      let tile = Self.tileRows(projection.matrix)
      let begin = (task - firstTask[index]) * tile
      projection.withOperands { matrix, output in
        input.withRows { input in
          umk_linear(
            matrix, begin, min(begin + tile, matrix.pointee.rows), input.inputs, rows, projection.bias, output.outputs)
        }
      }
    }
  }

  /// Adds a projection of the rows, each times its scale, to `output`. A raised flag leaves it half-written.
  func stepAccumulate(
    _ matrix: Matrix, from input: Activations, scales: UnsafePointer<Float>, into output: Activations, rows: Int,
    cancellation: Cancellation
  ) {
    let tile = Self.tileRows(matrix)
    WorkerPool.shared.run((matrix.rows + tile - 1) / tile) { task in
      if cancellation.isCancelled { return }
      matrix.withKernelMatrix { matrix in
        Activations.withRows(input, output) { input, output in
          umk_linear_accumulate(
            matrix, task * tile, min(task * tile + tile, matrix.pointee.rows), input.inputs, rows, scales,
            output.outputs)
        }
      }
    }
  }

  /// Adds what the chosen and the shared experts give to the residual stream, in two parallel regions: all gate and up
  /// products, then all down products. Each output is summed over the experts in ascending order. A raised flag leaves the
  /// stream half-written.
  func stepExperts(_ weights: DecoderLayerWeights, _ assignment: ExpertAssignment, _ cancellation: Cancellation) {
    let groups = assignment.groups
    var firstTask: [Int] = [0]
    for group in groups {
      let gate = weights.expert(group.expert).gate
      firstTask.append((firstTask.last ?? 0) + (gate.rows + Self.tileRows(gate) - 1) / Self.tileRows(gate))
    }
    WorkerPool.shared.run(firstTask[groups.count]) { task in
      if cancellation.isCancelled { return }
      var index = 0
      while task >= firstTask[index + 1] { index += 1 }
      let group = groups[index]
      let expert = weights.expert(group.expert)
      let tile = Self.tileRows(expert.gate)
      let begin = (task - firstTask[index]) * tile
      expert.gate.withKernelMatrix { gate in
        expert.up.withKernelMatrix { up in
          assignment.withRows(group) { rows in
            assignment.intermediate.withRows { intermediate in
              umk_gated(
                gate, up, begin, min(begin + tile, gate.pointee.rows), rows.inputs, group.count,
                intermediate.outputs + group.start)
            }
          }
        }
      }
    }
    // Down products: a tile covers few outputs of every expert, so that no two tasks write one output.
    let hidden = configuration.hiddenSize
    let tile = 32
    WorkerPool.shared.run((hidden + tile - 1) / tile) { task in
      if cancellation.isCancelled { return }
      for group in groups {
        weights.expert(group.expert).down.withKernelMatrix { down in
          assignment.withRows(group) { rows in
            assignment.intermediate.withRows { intermediate in
              umk_linear_accumulate(
                down, task * tile, min(task * tile + tile, hidden), intermediate.inputs + group.start, group.count,
                rows.scales, rows.outputs)
            }
          }
        }
      }
    }
  }
}

extension DecoderLayerWeights {
  /// Routed experts first, then shared ones.
  func expert(_ index: Int) -> FeedForwardWeights {
    index < routed.count ? routed[index] : shared[index - routed.count]
  }
}
