//! The bounds of the queue before a control stream.

use super::*;

#[test]
fn a_full_queue_drops_and_counts() {
    let (queue, mut receiver) = Queue::new();
    for _ in 0..limits::QUEUE_FRAMES_MAX {
        queue.push(vec![1]).unwrap();
    }
    assert_eq!(queue.push(vec![1]), Err(SendError::QueueFull));
    assert_eq!(queue.dropped.load(Ordering::Relaxed), 1);
    drop(receiver.try_recv().unwrap());
    assert_eq!(queue.push(vec![1]), Ok(()));
}

#[test]
fn bytes_are_bounded_too() {
    let (queue, mut receiver) = Queue::new();
    let frames = limits::QUEUE_BYTES_MAX / limits::CONTROL_BYTES_MAX;
    for _ in 0..frames {
        queue.push(vec![0; limits::CONTROL_BYTES_MAX]).unwrap();
    }
    assert_eq!(queue.push(vec![0]), Err(SendError::QueueFull));
    assert_eq!(queue.push(vec![0; limits::CONTROL_BYTES_MAX + 1]), Err(SendError::TooLarge));
    drop(receiver.try_recv().unwrap());
    assert_eq!(queue.push(vec![0]), Ok(()));
    drop(receiver);
    assert_eq!(queue.push(Vec::new()), Err(SendError::NotConnected));
}
